/** Content policies: what may pass from a prompt to an answer. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package dev.burhan.policy;
