package dev.burhan.backendvector;

class Attention512Test extends AttentionChecks {
  Attention512Test() {
    super(512);
  }
}
