// Prints llama.cpp's logits at every position of a text given as token ids: logits MODEL.gguf 1,2,3
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "llama.h"

static void quiet(ggml_log_level level, const char * text, void *) {
    if (level == GGML_LOG_LEVEL_ERROR) {
        fputs(text, stderr);
    }
}

int main(int, char ** args) {
    llama_log_set(quiet, nullptr);
    llama_model * model = llama_model_load_from_file(args[1], llama_model_default_params());
    if (!model) {
        return 1;
    }
    std::vector<llama_token> ids;
    for (char * at = args[2]; *at; at += *at == ',') {
        ids.push_back(strtol(at, &at, 10));
    }
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = 256;
    params.type_k = params.type_v = GGML_TYPE_F32;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    llama_context * context = llama_init_from_model(model, params);
    llama_batch batch = llama_batch_init(ids.size(), 0, 1);
    for (size_t i = 0; i < ids.size(); i++) {
        batch.token[i] = ids[i];
        batch.pos[i] = i;
        batch.n_seq_id[i] = 1;
        batch.seq_id[i][0] = 0;
        batch.logits[i] = 1;
    }
    batch.n_tokens = ids.size();
    if (!context || llama_decode(context, batch)) {
        return 1;
    }
    int width = llama_vocab_n_tokens(llama_model_get_vocab(model));
    for (size_t i = 0; i < ids.size(); i++) {
        const float * row = llama_get_logits_ith(context, i);
        for (int k = 0; k < width; k++) {
            printf("%.9g ", row[k]);
        }
        puts("");
    }
    return 0;
}
