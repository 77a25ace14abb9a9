/**
 * {@code burhan serve}: a loaded model behind OpenAI's chat completions API, as servlets on the
 * OSGi HTTP whiteboard.
 */
package dev.burhan.server;
