package dev.burhan.backendvector;

class Attention256Test extends AttentionChecks {
  Attention256Test() {
    super(256);
  }
}
