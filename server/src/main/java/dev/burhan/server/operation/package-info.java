/**
 * What an operator may change while {@code serve} runs: the configuration, the bundles in a deploy
 * folder, and anything by a shell.
 */
package dev.burhan.server.operation;
