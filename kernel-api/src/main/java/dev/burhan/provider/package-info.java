/**
 * Providers: what a bundle offers, how it is found and ordered, and what the kernel gives it in
 * return.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package dev.burhan.provider;
