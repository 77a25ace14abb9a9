/** How many problems a model solves, and whether backends come to the same. */
package dev.burhan.eval;
