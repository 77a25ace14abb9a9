package dev.burhan.kernel.inspect;

import dev.burhan.kernel.inspect.GraphSketch.Block;
import dev.burhan.kernel.inspect.GraphSketch.Box;
import dev.burhan.kernel.inspect.GraphSketch.Edge;
import dev.burhan.kernel.inspect.LayeredLayout.Placed;
import dev.burhan.kernel.inspect.LayeredLayout.Point;
import dev.burhan.kernel.inspect.LayeredLayout.Size;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A sketch as an SVG 1.1 picture that needs no fonts, scripts or files of its own. */
final class SvgPicture {
  private static final double MARGIN = 44;
  private static final double HEADER = 34;
  private static final double FRAME_MARGIN = 16;
  private static final double PADDING = 10;
  private static final double LINE = 15;
  // Widths of an average character, on the wide side: the fonts are whatever the viewer has.
  private static final double TITLE_CHARACTER = 7.6;
  private static final double SMALL_CHARACTER = 6.2;
  private static final Map<String, String> COLOURS =
      Map.of(
          "Attention", "#fde8c8",
          "LatentAttention", "#fde8c8",
          "Linear", "#dbe9fb",
          "Logits", "#dbe9fb",
          "Embed", "#dbe9fb",
          "Experts", "#dbe9fb",
          "RmsNorm", "#e4f3df",
          "Route", "#f6dff0");
  private static final String OTHER_COLOUR = "#f1f1f1";

  private final GraphSketch sketch;
  private final LayeredLayout layout;
  private final Map<Integer, Placed> boxes;
  private final StringBuilder svg = new StringBuilder();

  private SvgPicture(GraphSketch sketch) {
    this.sketch = sketch;
    Map<Integer, Size> sizes = new HashMap<>();
    sketch.boxes().forEach(box -> sizes.put(box.number(), size(box)));
    this.layout = new LayeredLayout(sketch, sizes);
    this.boxes = layout.boxes();
  }

  static String of(GraphSketch sketch, String title) {
    return new SvgPicture(sketch).draw(title);
  }

  private static Size size(Box box) {
    double width = box.title().length() * TITLE_CHARACTER;
    for (String line : box.lines()) {
      width = Math.max(width, line.length() * SMALL_CHARACTER);
    }
    return new Size(width + 2 * PADDING, LINE * (1 + box.lines().size()) + PADDING);
  }

  private String draw(String title) {
    double width = Math.max(layout.width(), title.length() * TITLE_CHARACTER) + 2 * MARGIN;
    double height = layout.height() + 2 * MARGIN + HEADER;
    line(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\""
            + " viewBox=\"0 0 %.0f %.0f\" font-family=\"Helvetica, Arial, sans-serif\">",
        width, height, width, height);
    line("<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>");
    line(
        "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\""
            + " markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#667\"/>"
            + "</marker></defs>");
    line(
        "<text x=\"%.1f\" y=\"%.1f\" font-size=\"16\" font-weight=\"bold\">%s</text>",
        MARGIN, MARGIN, escape(title));
    line("<g transform=\"translate(%.1f %.1f)\">", MARGIN, MARGIN + HEADER);
    sketch.blocks().forEach(this::frame);
    sketch.edges().forEach(this::edge);
    boxes.values().forEach(this::box);
    line("</g>");
    line("</svg>");
    return svg.toString();
  }

  private void frame(Block block) {
    if (block.title().isEmpty()) {
      return;
    }
    List<Placed> inside = block.boxes().stream().map(box -> boxes.get(box.number())).toList();
    double left = -FRAME_MARGIN; // as wide as all: lines pass beside the boxes
    double right = layout.width();
    double top = inside.stream().mapToDouble(Placed::y).min().orElse(0) - FRAME_MARGIN;
    double bottom = inside.stream().mapToDouble(p -> p.y() + p.size().height()).max().orElse(0);
    line(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"10\" fill=\"#fafbfd\""
            + " stroke=\"#99a\" stroke-dasharray=\"5 4\"/>",
        left, top, right - left + FRAME_MARGIN, bottom - top + FRAME_MARGIN);
    line(
        "<text x=\"%.1f\" y=\"%.1f\" font-size=\"12\" font-weight=\"bold\" fill=\"#556\">%s</text>",
        left + PADDING, top + LINE, escape(block.title()));
  }

  /** A curve that leaves and enters each bend vertically. */
  private void edge(Edge edge) {
    List<Point> way = layout.way(edge);
    StringBuilder path = new StringBuilder(text("M%.1f %.1f", way.get(0).x(), way.get(0).y()));
    for (int i = 1; i < way.size(); i++) {
      Point from = way.get(i - 1);
      Point to = way.get(i);
      double middle = (from.y() + to.y()) / 2;
      path.append(
          text("C%.1f %.1f %.1f %.1f %.1f %.1f", from.x(), middle, to.x(), middle, to.x(), to.y()));
    }
    line(
        "<path d=\"%s\" fill=\"none\" stroke=\"#667\" stroke-width=\"1.2\""
            + " marker-end=\"url(#arrow)\"><title>%d numbers a row</title></path>",
        path, edge.width());
  }

  private void box(Placed placed) {
    line(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"6\" fill=\"%s\""
            + " stroke=\"#556\"/>",
        placed.x(),
        placed.y(),
        placed.size().width(),
        placed.size().height(),
        COLOURS.getOrDefault(placed.box().title(), OTHER_COLOUR));
    double centre = placed.x() + placed.size().width() / 2;
    double baseline = placed.y() + LINE;
    line(
        "<text x=\"%.1f\" y=\"%.1f\" font-size=\"12\" text-anchor=\"middle\">%s</text>",
        centre, baseline, escape(placed.box().title()));
    for (String weight : placed.box().lines()) {
      baseline += LINE;
      line(
          "<text x=\"%.1f\" y=\"%.1f\" font-size=\"10\" fill=\"#445\" text-anchor=\"middle\">%s"
              + "</text>",
          centre, baseline, escape(weight));
    }
  }

  private void line(String format, Object... values) {
    svg.append(text(format, values)).append('\n');
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
