package dev.burhan.backend;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The KV memory of a program. The engine deals in page numbers and counts; the program owns the
 * bytes, wherever they are. Called between steps only; of a closed program, copying, saving and
 * loading throw an {@link IllegalStateException}.
 */
@ConsumerType
public interface KvPages {

  int count();

  int tokensPerPage();

  /** Copies a whole page: copy on write of a shared, partly filled page. */
  void copy(int from, int to);

  /**
   * Bytes of one page of one cache in canonical form: its planes one after another, (tokensPerPage,
   * numbers) F32 each.
   */
  long canonicalBytes(int cache);

  /**
   * Writes a page of one cache in canonical form: to swap out, to move to another program, to keep
   * on disk.
   */
  void save(int page, int cache, MemorySegment to);

  /** Reads a page of one cache from canonical form. */
  void load(int page, int cache, MemorySegment from);
}
