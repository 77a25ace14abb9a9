/** {@code burhan top}: a running server's figures, live. */
package dev.burhan.cli.top;
