package dev.burhan.kernel.scheduler;

/** Keeps pages of prompts beyond a model's life. Called on the model's thread, between steps. */
public interface PageStore {
  /** Keeps nothing. */
  PageStore NONE =
      new PageStore() {
        @Override
        public boolean has(PageKey key) {
          return false;
        }

        @Override
        public boolean load(PageKey key, int page) {
          return false;
        }

        @Override
        public boolean save(PageKey key, int page) {
          return false;
        }
      };

  boolean has(PageKey key);

  /** Fills a page; false if it could not, and then what the page holds is of no use. */
  boolean load(PageKey key, int page);

  /** Keeps what a page holds; false if nothing more can be kept. */
  boolean save(PageKey key, int page);
}
