/** The command line: shows the commands that bundles contribute as subcommands and in Gogo. */
package dev.burhan.cli;
