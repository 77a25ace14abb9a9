package dev.burhan.kernel.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Source;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.inspect.GraphSketch.Block;
import dev.burhan.kernel.inspect.GraphSketch.Box;
import dev.burhan.kernel.inspect.LayeredLayout.Placed;
import dev.burhan.kernel.inspect.LayeredLayout.Size;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class GraphSketchTest {
  private static Weight weight(String name, DataType type, long... dims) {
    return new Weight(name, type, Shape.of(dims), new Source.Stored(name), Weight.Use.MATRIX);
  }

  /** Layers of the given widths: norm, up, down, residual; the second has a type of its own. */
  private static Graph layered(int... widths) {
    GraphBuilder b = new GraphBuilder();
    Value x = b.embed("embed", weight("embed", DataType.F32, 10, 32));
    for (int layer = 0; layer < widths.length; layer++) {
      b.layer(layer);
      String blk = "blk." + layer + ".";
      DataType type = layer == 1 ? DataType.Q8_0 : DataType.Q4_0;
      Value h = b.rmsNorm("norm", x, weight(blk + "norm", DataType.F32, 32), 1e-5f);
      Value up = b.linear("up", h, weight(blk + "up", type, widths[layer], 32), Optional.empty());
      Value down =
          b.linear("down", up, weight(blk + "down", type, 32, widths[layer]), Optional.empty());
      x = b.add("residual", x, down);
    }
    b.layer(widths.length);
    b.logits("logits", x, weight("head", DataType.F32, 10, 32));
    return b.build();
  }

  @Test
  void layersThatAreAlikeBecomeOneBlock() {
    GraphSketch sketch = GraphSketch.of(layered(64, 64, 64));
    assertEquals(List.of(1, 3, 1), sketch.blocks().stream().map(Block::layers).toList());
    assertEquals("layers 0 to 2  (x 3)", sketch.blocks().get(1).title());
    Box up = sketch.blocks().get(1).boxes().get(1);
    assertEquals(List.of("blk.*.up Q4_0|Q8_0 (64, 32)"), up.lines());
  }

  @Test
  void whatFollowsABlockReadsItsLastLayer() {
    GraphSketch sketch = GraphSketch.of(layered(64, 64, 64));
    int residual = sketch.blocks().get(1).boxes().getLast().number();
    int logits = sketch.blocks().get(2).boxes().getFirst().number();
    assertTrue(sketch.edges().contains(new GraphSketch.Edge(residual, logits, 32)));
    assertFalse(sketch.edges().contains(new GraphSketch.Edge(0, logits, 32)));
  }

  @Test
  void aLayerOfAnotherWidthStandsAlone() {
    GraphSketch sketch = GraphSketch.of(layered(64, 64, 96, 64));
    assertEquals(List.of(1, 2, 1, 1, 1), sketch.blocks().stream().map(Block::layers).toList());
  }

  @Test
  void boxesNeverOverlapAndEdgesGoDown() {
    GraphSketch sketch = GraphSketch.of(layered(64, 64, 96, 64));
    Map<Integer, Size> sizes = new HashMap<>();
    sketch.boxes().forEach(box -> sizes.put(box.number(), new Size(40 + 30 * box.number(), 20)));
    LayeredLayout layout = new LayeredLayout(sketch, sizes);
    List<Placed> placed = List.copyOf(layout.boxes().values());
    assertEquals(sketch.boxes().size(), placed.size());
    for (int i = 0; i < placed.size(); i++) {
      for (int j = 0; j < i; j++) {
        assertFalse(overlap(placed.get(i), placed.get(j)), placed.get(i) + " " + placed.get(j));
      }
    }
    sketch
        .edges()
        .forEach(
            edge -> {
              var way = layout.way(edge);
              for (int i = 1; i < way.size(); i++) {
                assertTrue(way.get(i).y() >= way.get(i - 1).y(), way.toString());
              }
            });
  }

  private static boolean overlap(Placed a, Placed b) {
    return a.x() < b.x() + b.size().width()
        && b.x() < a.x() + a.size().width()
        && a.y() < b.y() + b.size().height()
        && b.y() < a.y() + a.size().height();
  }

  @Test
  void svgIsWellFormedWhateverTheNames() throws Exception {
    String svg = SvgPicture.of(GraphSketch.of(layered(64, 64)), "a <model> & \"more\"");
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertEquals("svg", document.getDocumentElement().getTagName());
    assertTrue(svg.contains("a &lt;model&gt; &amp; &quot;more&quot;"));
  }

  @Test
  void dotHasEachBoxAndEdgeOnce() {
    GraphSketch sketch = GraphSketch.of(layered(64, 64));
    List<String> lines = DotPicture.of(sketch, "m \"x\"").lines().map(String::strip).toList();
    assertEquals("digraph \"m \\\"x\\\"\" {", lines.getFirst());
    assertEquals(
        sketch.edges().size(), lines.stream().filter(line -> line.contains(" -> ")).count());
    assertEquals(
        sketch.boxes().size(), lines.stream().filter(line -> line.matches("n\\d+ \\[.*")).count());
  }
}
