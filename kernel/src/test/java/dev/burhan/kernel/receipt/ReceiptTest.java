package dev.burhan.kernel.receipt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.command.Command;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Service;
import dev.burhan.kernel.command.RunCommand;
import dev.burhan.kernel.engine.ScriptedModel;
import dev.burhan.kernel.receipt.Receipt.Maker;
import dev.burhan.kernel.receipt.Receipt.Model;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.UsageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiptTest {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  @TempDir Path folder;
  private Path file;
  private Path receipt;

  @BeforeEach
  void makeFile() throws Exception {
    file = Files.createFile(folder.resolve("scripted.model"));
    receipt = folder.resolve("receipt.json");
  }

  private ScriptedModel letters() {
    return new ScriptedModel(file, "abcdefghijklmnopqrstuvwxyz.".split(""));
  }

  private void makeReceipt(String... more) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                "model=" + file,
                "backend=oracle",
                "receipt=" + receipt,
                "temperature=0.5",
                "seed=9007199254740993",
                "max-tokens=40",
                "abc"));
    words.addAll(List.of(more));
    RecordedIo io = new RecordedIo();
    assertEquals(
        Command.DONE,
        new RunCommand()
            .run(
                RecordedIo.arguments(words.toArray(String[]::new)),
                io,
                letters().host(new KernelReceipts())),
        io.errors());
  }

  private JsonNode replay(int expected, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of(receipt.toString(), "--json"));
    words.addAll(List.of(more));
    RecordedIo io = new RecordedIo();
    assertEquals(
        expected,
        new ReplayCommand()
            .run(RecordedIo.arguments(words.toArray(String[]::new)), io, letters().host()),
        io.output());
    return io.json();
  }

  private String replayInWords() throws Exception {
    RecordedIo io = new RecordedIo();
    new ReplayCommand().run(RecordedIo.arguments(receipt.toString()), io, letters().host());
    return io.output();
  }

  /** Changes the receipt; hashes are made to fit again if wanted. */
  private void change(boolean fit, Consumer<ObjectNode> change) throws Exception {
    ObjectNode tree = (ObjectNode) JSON.readTree(Files.readString(receipt));
    change.accept(tree);
    if (fit) {
      for (String part : List.of("prompt", "answer")) {
        ArrayNode ids = (ArrayNode) tree.get(part).get("tokens");
        ByteBuffer bytes = ByteBuffer.allocate(4 * ids.size()).order(ByteOrder.LITTLE_ENDIAN);
        ids.forEach(id -> bytes.putInt(id.asInt()));
        ((ObjectNode) tree.get(part)).put("sha256", sha256(bytes.array()));
      }
      tree.put("sha256", ownHash(tree));
    }
    Files.writeString(receipt, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree));
  }

  private static String ownHash(ObjectNode tree) throws Exception {
    ObjectNode rest = tree.deepCopy();
    rest.remove("sha256");
    String sorted = JSON.writeValueAsString(JSON.treeToValue(rest, Object.class));
    return sha256(sorted.getBytes(StandardCharsets.UTF_8));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static ArrayNode answer(ObjectNode tree) {
    return (ArrayNode) tree.get("answer").get("tokens");
  }

  @Test
  void replayOfAnUntouchedReceiptIsEqual() throws Exception {
    makeReceipt();
    JsonNode replayed = replay(Command.DONE);
    assertTrue(replayed.get("equal").asBoolean());
    assertTrue(replayed.get("tokens").asInt() > 5, replayed.toString());
    assertEquals(0, replayed.get("differences").size());
    assertEquals(replayed.get("receipt_sha256"), replayed.get("sha256"));
    assertTrue(replayInWords().startsWith("equal to the bit: "), replayInWords());
  }

  @Test
  void receiptHoldsWhatIsDocumentedAndItsHashesCanBeRecomputedByOthers() throws Exception {
    makeReceipt("stop=yz", "repetition-penalty=1.1");
    ObjectNode tree = (ObjectNode) JSON.readTree(Files.readString(receipt));
    assertEquals(1, tree.get("burhan_receipt").asInt());
    assertEquals(tree.get("sha256").asText(), ownHash(tree));
    assertEquals("[0,1,2]", tree.get("prompt").get("tokens").toString());
    assertEquals("9007199254740993", tree.get("request").get("seed").asText());
    assertEquals(1.1, tree.get("request").get("repetition_penalty").asDouble());
    assertEquals("[\"yz\"]", tree.get("request").get("stop").toString());
    assertEquals("oracle", tree.get("model").get("backend").asText());
    assertEquals("F32", tree.get("model").get("kv_types").get("key").asText());
    assertTrue(tree.get("made_by").get("burhan").asText().matches("\\d+\\.\\d+.*"));
    assertEquals(64, tree.get("model").get("sha256").asText().length());
  }

  @Test
  void departureIsTheFirstTokenThatDiffers() throws Exception {
    makeReceipt();
    change(true, tree -> answer(tree).set(4, new IntNode((answer(tree).get(4).asInt() + 1) % 26)));
    JsonNode replayed = replay(Command.FAILED);
    assertFalse(replayed.get("equal").asBoolean());
    assertEquals(4, replayed.get("departs_at").asInt());
    String expected = replayed.get("receipt_text").asText();
    String found = replayed.get("text").asText();
    assertEquals(expected.substring(1), found.substring(1), "all others are equal");
    assertEquals(4, replayed.get("before").asText().length());
    String words = replayInWords();
    assertTrue(words.contains("departs at token 5 of "), words);
    assertTrue(words.contains("nothing is known to differ"), words);
  }

  @Test
  void answerThatEndsEarlierOrLaterDepartsAtItsEnd() throws Exception {
    makeReceipt();
    int count = JSON.readTree(Files.readString(receipt)).get("answer").get("tokens").size();
    change(true, tree -> answer(tree).remove(count - 1));
    assertEquals(count - 1, replay(Command.FAILED).get("departs_at").asInt());
    makeReceipt();
    change(true, tree -> answer(tree).add(3));
    assertEquals(count, replay(Command.FAILED).get("departs_at").asInt());
    assertTrue(replayInWords().contains("here:    the end, by "), replayInWords());
  }

  @Test
  void anotherReasonToEndIsADeparture() throws Exception {
    makeReceipt();
    String reason =
        JSON.readTree(Files.readString(receipt)).get("answer").get("finish_reason").asText();
    change(
        true,
        tree ->
            ((ObjectNode) tree.get("answer"))
                .put("finish_reason", reason.equals("stop") ? "length" : "stop"));
    replay(Command.FAILED);
    assertTrue(replayInWords().startsWith("departs at its end"), replayInWords());
  }

  @Test
  void answerThatWasBrokenOffIsReplayedAsFarAsItCame() throws Exception {
    makeReceipt();
    change(
        true,
        tree -> {
          while (answer(tree).size() > 3) {
            answer(tree).remove(3);
          }
          ((ObjectNode) tree.get("answer")).put("finish_reason", "timeout");
        });
    assertEquals(3, replay(Command.DONE).get("tokens").asInt());
  }

  @Test
  void whatDiffersIsTold() throws Exception {
    makeReceipt();
    change(
        true,
        tree -> {
          ((ObjectNode) tree.get("model"))
              .put("sha256", "0".repeat(64))
              .put("numerics", "vector-q8-512/3")
              .put("batch_invariant", false);
          tree.put("template_sha256", "1".repeat(64));
          ((ObjectNode) tree.get("made_by")).put("burhan", "0.0.1");
        });
    String differences = replay(Command.DONE).get("differences").toString();
    for (String part :
        List.of(
            "the model's content: receipt 0000",
            "the numerics: receipt vector-q8-512/3, here oracle",
            "not batch invariant",
            "the chat template",
            "Burhan's version: receipt 0.0.1")) {
      assertTrue(differences.contains(part), part + " in " + differences);
    }
  }

  @Test
  void storageOfKeysAndValuesIsTheReceipts() throws Exception {
    makeReceipt("kv-type=f16");
    assertEquals(0, replay(Command.DONE).get("differences").size());
    String differences = replayAnyway("kv-type=f32").get("differences").toString();
    assertTrue(differences.contains("the keys' and values' types"), differences);
  }

  private JsonNode replayAnyway(String word) throws Exception {
    RecordedIo io = new RecordedIo();
    new ReplayCommand()
        .run(RecordedIo.arguments(receipt.toString(), "--json", word), io, letters().host());
    return io.json();
  }

  private String refused() {
    return assertThrows(UsageException.class, () -> replay(Command.DONE)).getMessage();
  }

  @Test
  void changedReceiptIsRefused() throws Exception {
    makeReceipt();
    change(false, tree -> answer(tree).set(0, new IntNode(7)));
    assertTrue(refused().contains("the hash of the answer's tokens"), refused());
    makeReceipt();
    change(false, tree -> ((ArrayNode) tree.get("prompt").get("tokens")).add(1));
    assertTrue(refused().contains("the hash of the prompt's tokens"), refused());
    makeReceipt();
    change(false, tree -> ((ObjectNode) tree.get("request")).put("seed", "1"));
    assertTrue(refused().contains("its own hash"), refused());
    makeReceipt();
    change(false, tree -> tree.put("more", 1));
    assertTrue(refused().contains("changed after it was made"), refused());
  }

  @Test
  void whatIsNoReceiptIsRefused() throws Exception {
    for (String text : List.of("", "{", "[]", "{}", "\u0000\u0001", "{\"burhan_receipt\":2}")) {
      Files.writeString(receipt, text);
      assertTrue(refused().startsWith(receipt.toString()), refused());
    }
    Files.delete(receipt);
    assertTrue(refused().contains("no receipt can be read there"), refused());
  }

  @Test
  void anyDamageIsToldAndNothingElseHappens() throws Exception {
    makeReceipt();
    byte[] whole = Files.readAllBytes(receipt);
    Random random = new Random(3);
    for (int i = 0; i < 400; i++) {
      byte[] damaged = whole.clone();
      if (random.nextBoolean()) {
        damaged = java.util.Arrays.copyOf(damaged, random.nextInt(whole.length - 1));
      } else {
        damaged[random.nextInt(whole.length - 1)] ^= (byte) (1 << random.nextInt(7));
      }
      byte[] given = damaged;
      UsageException refused =
          assertThrows(
              UsageException.class, () -> ReceiptText.read("it", given), () -> new String(given));
      assertTrue(refused.getMessage().startsWith("it"), refused.getMessage());
    }
  }

  @Test
  void receiptOfAModelWithAnotherVocabularyIsRefused() throws Exception {
    makeReceipt();
    change(true, tree -> ((ArrayNode) tree.get("prompt").get("tokens")).add(5000));
    assertTrue(refused().contains("is not the receipt's model"), refused());
  }

  @Test
  void receiptsOfAnythingReadBackAsTheyWere() {
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      Receipt made = random(random);
      String text = ReceiptText.of(made);
      assertEquals(made, ReceiptText.read("it", text.getBytes(StandardCharsets.UTF_8)), text);
    }
  }

  private static Receipt random(Random random) {
    GenerationRequest request =
        new GenerationRequest(
            random.ints(1 + random.nextInt(9), 0, 200_000).boxed().toList(),
            1 + random.nextInt(10_000),
            new SamplingParameters(
                random.nextDouble(),
                random.nextInt(100),
                random.nextDouble(),
                random.nextDouble() * 1e-9,
                1,
                random.nextDouble() - 0.5,
                0,
                Map.of(random.nextInt(100), random.nextDouble() * 200 - 100),
                -1,
                random.nextLong()),
            List.of("\"é\n\u2028😀"),
            random.nextBoolean(),
            Map.of(),
            Service.DEFAULT,
            new Reasoning(
                random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(random.nextInt(99)),
                1 + random.nextInt(64),
                random.nextBoolean()));
    return new Receipt(
        new Maker("1", "25", "a \\ b", "amd64", List.of("avx2")),
        new Model("m", "f".repeat(64), "qwen2", "vector", "v/1", true, Map.of("key", "F32"), 77),
        random.nextBoolean() ? Optional.empty() : Optional.of("0"),
        request,
        random.ints(random.nextInt(50), 0, 200_000).boxed().toList(),
        FinishReason.values()[random.nextInt(FinishReason.values().length)]);
  }
}
