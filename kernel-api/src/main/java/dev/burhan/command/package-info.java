/** Commands that bundles contribute to the command line and to the Gogo shell. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package dev.burhan.command;
