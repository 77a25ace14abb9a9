package dev.burhan.backend;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One step's work: a ragged batch. Some sequences bring a chunk of their prompt, others one token,
 * or several under speculation. A column is one token; the columns of a sequence follow one
 * another, in order of position. Filled in place by the engine; valid during the step only.
 */
@ProviderType
public interface Batch {

  int sequences();

  int columns();

  /** First column of a sequence; {@code firstColumn(sequences())} is {@link #columns()}. */
  int firstColumn(int sequence);

  /** The sequence that a column belongs to. */
  int sequence(int column);

  /** Position within its sequence, from 0. */
  int position(int column);

  int token(int column);

  Phase phase(int column);

  /** Number of KV pages of a sequence: enough for its last position of this step. */
  int pages(int sequence);

  /**
   * The KV page that holds positions {@code [index * tokensPerPage, ...)} of a sequence: the block
   * table.
   */
  int page(int sequence, int index);

  /** The adapter that a sequence uses; 0 for none. */
  int adapter(int sequence);

  /**
   * How many rows of logits are wanted: one a sequence in decode, several under speculation, all
   * for perplexity.
   */
  int logitRows();

  /** The column whose logits row {@code row} holds. */
  int logitColumn(int row);

  /**
   * The same as int32 tables, little-endian, for upload to a device and for assembled code. A
   * header of 8 numbers: sequences S, columns C, logit rows L, pages a sequence at most P, tokens a
   * page, 0, 0, 0; then firstColumn [S+1], sequence [C], position [C], token [C], phase [C] (0
   * prompt, 1 generated), pages [S], page [S, P] (-1 where unused), adapter [S], logitColumn [L].
   */
  MemorySegment raw();
}
