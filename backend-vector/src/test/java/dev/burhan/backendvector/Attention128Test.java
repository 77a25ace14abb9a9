package dev.burhan.backendvector;

class Attention128Test extends AttentionChecks {
  Attention128Test() {
    super(128);
  }
}
