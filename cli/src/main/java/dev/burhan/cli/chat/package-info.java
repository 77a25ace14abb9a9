/** {@code burhan chat}: a conversation with a model, on a terminal or line by line. */
package dev.burhan.cli.chat;
