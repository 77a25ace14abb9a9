package dev.burhan.eval;

import java.util.List;
import java.util.Random;

/** Word problems: {A} and {B} are the numbers, {N} and {M} two people, {T} things. */
final class Stories {
  private static final List<String> SUMS =
      List.of(
          "{N} has {A} {T} and gets {B} more. How many {T} does {N} have now?",
          "{N} has {A} {T} and {M} has {B}. How many {T} do they have together?",
          "There are {A} {T} in one box and {B} in another. How many {T} are there in all?",
          "A shop sold {A} {T} on Monday and {B} on Tuesday. How many {T} did it sell?",
          "{N} counted {A} {T} in the morning and {B} in the evening. How many is that in total?",
          "{N} found {A} {T}, then {B} more. How many {T} did {N} find?");
  private static final List<String> DIFFERENCES =
      List.of(
          "{N} has {A} {T} and gives {B} of them to {M}. How many {T} are left?",
          "{N} had {A} {T} and lost {B}. How many {T} does {N} have now?",
          "There were {A} {T} in a box. {N} took {B}. How many {T} are still there?",
          "A shop had {A} {T} and sold {B}. How many {T} remain?",
          "{N} has {A} {T}, {M} has {B}. How many more {T} does {N} have?",
          "A book has {A} pages and {N} has read {B}. How many pages are left?");
  private static final List<String> PRODUCTS =
      List.of(
          "A box holds {A} {T}. How many {T} are in {B} boxes?",
          "There are {B} boxes with {A} {T} each. How many {T} are there in all?",
          "{N} buys {A} {T} for {B} coins each. How many coins does {N} pay?",
          "A hall has {A} rows of {B} seats. How many seats are there?",
          "{N} reads {A} pages a day. How many pages does {N} read in {B} days?",
          "Each of {A} children gets {B} {T}. How many {T} are needed?");
  private static final List<String> PEOPLE =
      List.of("Ali", "Sara", "Omar", "Layla", "Tom", "Anna", "Yusuf", "Emma", "Li", "Maria");
  private static final List<String> THINGS =
      List.of("apples", "books", "coins", "pens", "cards", "stamps", "stones", "tickets", "shells");

  private Stories() {}

  static String tell(Operation operation, long a, long b, Random random) {
    List<String> stories =
        switch (operation) {
          case SUM -> SUMS;
          case DIFFERENCE -> DIFFERENCES;
          case PRODUCT -> PRODUCTS;
        };
    int first = random.nextInt(PEOPLE.size());
    int second = (first + 1 + random.nextInt(PEOPLE.size() - 1)) % PEOPLE.size();
    return stories
        .get(random.nextInt(stories.size()))
        .replace("{N}", PEOPLE.get(first))
        .replace("{M}", PEOPLE.get(second))
        .replace("{T}", THINGS.get(random.nextInt(THINGS.size())))
        .replace("{A}", Long.toString(a))
        .replace("{B}", Long.toString(b));
  }
}
