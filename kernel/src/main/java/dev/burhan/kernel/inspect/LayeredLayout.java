package dev.burhan.kernel.inspect;

import dev.burhan.kernel.inspect.GraphSketch.Block;
import dev.burhan.kernel.inspect.GraphSketch.Box;
import dev.burhan.kernel.inspect.GraphSketch.Edge;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Places a sketch's boxes in rows from top to bottom (Sugiyama, Tagawa and Toda 1981, in its
 * simplest form): the row of a box is its longest path from the start; edges over several rows get
 * a bend in each row between, one line for all readers of a value; rows are ordered by the mean
 * place of their neighbours, then pulled towards them.
 */
final class LayeredLayout {
  static final double ROW_GAP = 30;
  static final double BLOCK_GAP = 46;
  private static final double COLUMN_GAP = 22;
  private static final double BEND_WIDTH = 6;
  private static final int SWEEPS = 12;

  /** How large a box is drawn. */
  record Size(double width, double height) {}

  /** A point; y grows downwards. */
  record Point(double x, double y) {}

  /** A box, by its upper left corner. */
  record Placed(Box box, double x, double y, Size size) {}

  /** A box or a bend in a row. */
  private static final class Slot {
    final Box box; // null for a bend
    final Size size;
    final List<Slot> above = new ArrayList<>();
    final List<Slot> below = new ArrayList<>();
    double centre;

    Slot(Box box, Size size) {
      this.box = box;
      this.size = size;
    }
  }

  private final GraphSketch sketch;
  private final Map<Integer, Size> sizes;
  private final Map<Integer, Integer> rowOf = new HashMap<>();
  private final List<List<Slot>> rows = new ArrayList<>();
  private final Map<Integer, List<Slot>> chains = new HashMap<>(); // by box: its slot, its bends
  private double[] tops;

  LayeredLayout(GraphSketch sketch, Map<Integer, Size> sizes) {
    this.sketch = sketch;
    this.sizes = sizes;
    assignRows();
    fillRows();
    order();
    place();
  }

  private void assignRows() {
    int firstRow = 0;
    for (Block block : sketch.blocks()) {
      for (Box box : block.boxes()) {
        int row = firstRow;
        for (Edge edge : sketch.edges()) {
          if (edge.to() == box.number()) {
            row = Math.max(row, rowOf.get(edge.from()) + 1);
          }
        }
        rowOf.put(box.number(), row);
      }
      firstRow =
          block.boxes().stream().mapToInt(box -> rowOf.get(box.number())).max().orElse(-1) + 1;
    }
    int count = rowOf.values().stream().mapToInt(row -> row).max().orElse(-1) + 1;
    for (int i = 0; i < count; i++) {
      rows.add(new ArrayList<>());
    }
  }

  private void fillRows() {
    for (Box box : sketch.boxes()) {
      Slot slot = new Slot(box, sizes.get(box.number()));
      rows.get(rowOf.get(box.number())).add(slot);
      chains.put(box.number(), new ArrayList<>(List.of(slot)));
    }
    for (Edge edge : sketch.edges()) {
      List<Slot> chain = chains.get(edge.from());
      int span = rowOf.get(edge.to()) - rowOf.get(edge.from());
      while (chain.size() < span) {
        Slot bend = new Slot(null, new Size(BEND_WIDTH, 0));
        connect(chain.getLast(), bend);
        rows.get(rowOf.get(edge.from()) + chain.size()).add(bend);
        chain.add(bend);
      }
      connect(chain.get(span - 1), chains.get(edge.to()).getFirst());
    }
  }

  private static void connect(Slot upper, Slot lower) {
    upper.below.add(lower);
    lower.above.add(upper);
  }

  private void order() {
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      boolean down = sweep % 2 == 0;
      for (List<Slot> row : down ? rows : rows.reversed()) {
        row.sort(Comparator.comparingDouble(slot -> wanted(slot, down)));
        pack(row);
      }
    }
  }

  private static double wanted(Slot slot, boolean fromAbove) {
    List<Slot> neighbours = fromAbove ? slot.above : slot.below;
    return neighbours.stream().mapToDouble(n -> n.centre).average().orElse(slot.centre);
  }

  /** Side by side, around 0. */
  private static void pack(List<Slot> row) {
    double width = -COLUMN_GAP;
    for (Slot slot : row) {
      width += slot.size.width() + COLUMN_GAP;
    }
    double x = -width / 2;
    for (Slot slot : row) {
      slot.centre = x + slot.size.width() / 2;
      x += slot.size.width() + COLUMN_GAP;
    }
  }

  private void place() {
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      boolean down = sweep % 2 == 0;
      for (List<Slot> row : down ? rows : rows.reversed()) {
        pull(row, down);
      }
    }
    tops = new double[rows.size() + 1];
    for (int i = 0; i < rows.size(); i++) {
      double height = rows.get(i).stream().mapToDouble(slot -> slot.size.height()).max().orElse(0);
      int next = i + 1;
      tops[next] = tops[i] + height + (startsBlock(next) ? BLOCK_GAP : ROW_GAP);
    }
  }

  private boolean startsBlock(int row) {
    return sketch.blocks().stream()
        .anyMatch(block -> rowOf.get(block.boxes().getFirst().number()) == row);
  }

  /** Moves a row's slots towards their neighbours, keeping order and distance. */
  private static void pull(List<Slot> row, boolean down) {
    double[] wanted = row.stream().mapToDouble(slot -> wanted(slot, down)).toArray();
    double[] placed = new double[wanted.length];
    double drift = 0;
    for (int i = 0; i < placed.length; i++) {
      placed[i] = wanted[i];
      if (i > 0) {
        double apart = (row.get(i - 1).size.width() + row.get(i).size.width()) / 2 + COLUMN_GAP;
        placed[i] = Math.max(placed[i], placed[i - 1] + apart);
      }
      drift += placed[i] - wanted[i];
    }
    for (int i = 0; i < placed.length; i++) {
      row.get(i).centre = placed[i] - drift / placed.length;
    }
  }

  private double left() {
    return rows.stream()
        .flatMap(List::stream)
        .mapToDouble(slot -> slot.centre - slot.size.width() / 2)
        .min()
        .orElse(0);
  }

  double width() {
    return rows.stream()
            .flatMap(List::stream)
            .mapToDouble(slot -> slot.centre + slot.size.width() / 2)
            .max()
            .orElse(0)
        - left();
  }

  double height() {
    return rows.isEmpty() ? 0 : tops[rows.size()] - ROW_GAP;
  }

  /** Boxes by number, the leftmost at x = 0, the first row at y = 0. */
  Map<Integer, Placed> boxes() {
    double left = left();
    Map<Integer, Placed> placed = new LinkedHashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      for (Slot slot : rows.get(i)) {
        if (slot.box != null) {
          double x = slot.centre - slot.size.width() / 2 - left;
          placed.put(slot.box.number(), new Placed(slot.box, x, tops[i], slot.size));
        }
      }
    }
    return placed;
  }

  /** The way of an edge: out of the box's lower side, through the bends, to the other's top. */
  List<Point> way(Edge edge) {
    double left = left();
    int row = rowOf.get(edge.from());
    List<Slot> chain = chains.get(edge.from());
    List<Point> way = new ArrayList<>();
    way.add(new Point(chain.getFirst().centre - left, tops[row] + chain.getFirst().size.height()));
    int span = rowOf.get(edge.to()) - row;
    for (int i = 1; i < span; i++) {
      double x = chain.get(i).centre - left;
      double height =
          rows.get(row + i).stream().mapToDouble(slot -> slot.size.height()).max().orElse(0);
      way.add(new Point(x, tops[row + i]));
      way.add(new Point(x, tops[row + i] + height));
    }
    Slot to = chains.get(edge.to()).getFirst();
    way.add(new Point(to.centre - left, tops[rowOf.get(edge.to())]));
    return way;
  }
}
