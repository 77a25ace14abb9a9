/** {@code burhan plan}: what a model needs and how fast it can be, before it is fetched. */
package dev.burhan.kernel.plan;
