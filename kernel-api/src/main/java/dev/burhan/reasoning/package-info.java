/** What a reasoner's text comes to: final answers, and which of them are the same. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package dev.burhan.reasoning;
