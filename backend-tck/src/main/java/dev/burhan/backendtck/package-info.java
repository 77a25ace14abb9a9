/** The conformance suite for backends: a test library. */
package dev.burhan.backendtck;
