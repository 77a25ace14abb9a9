/**
 * Bootstrap only: checks Java, sets system properties, and runs the command line on a flat class
 * path or in Felix. It compiles against the framework alone, so that it can neither see nor hold a
 * class of any bundle.
 */
package dev.burhan.launcher;
