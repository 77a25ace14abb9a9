// Drives burhan serve with the unmodified openai client: node chat.mjs BASE_URL MODEL CLIENTS_FOLDER.
// Prints one JSON object that the test looks into; fails on anything that the client itself finds wrong.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [baseURL, model, clients] = process.argv.slice(2);
const require = createRequire(join(clients, 'package.json'));
const OpenAI = require('openai');

const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0, timeout: 300_000 });
const messages = [{ role: 'user', content: 'What is the capital of France?' }];
const told = { version: require('openai/version').VERSION };

const whole = await client.chat.completions.create({
  model, messages, temperature: 0, max_tokens: 24, logprobs: true, top_logprobs: 2,
});
told.answer = whole.choices[0].message.content;
told.finish_reason = whole.choices[0].finish_reason;
told.usage = whole.usage;
told.logprobs = whole.choices[0].logprobs.content.length;
told.fingerprint = whole.system_fingerprint;

const stream = await client.chat.completions.create({
  model, messages, temperature: 0, max_completion_tokens: 24, stream: true, stream_options: { include_usage: true },
});
const pieces = [];
told.streamed_reasons = [];
for await (const chunk of stream) {
  for (const choice of chunk.choices) {
    pieces.push(choice.delta.content ?? '');
    if (choice.finish_reason) told.streamed_reasons.push(choice.finish_reason);
  }
  if (chunk.usage) told.streamed_usage = chunk.usage;
}
told.streamed = pieces.join('');
told.pieces = pieces.filter((piece) => piece !== '').length;

told.models = (await client.models.list()).data.map((entry) => entry.id);
told.model = (await client.models.retrieve(model)).id;

async function error(call) {
  try {
    await call();
  } catch (e) {
    if (!(e instanceof OpenAI.APIError)) throw e;
    return { class: e.constructor.name, status: e.status, param: e.param, code: e.code, message: e.message };
  }
  return null;
}

told.bad_parameter = await error(() => client.chat.completions.create({ model, messages, temperature: 3 }));
told.not_supported = await error(() =>
  client.chat.completions.create({ model, messages, response_format: { type: 'json_object' } }));
told.unknown_parameter = await error(() => client.chat.completions.create({ model, messages, top_q: 1 }));
told.unknown_model = await error(() => client.chat.completions.create({ model: 'gpt-4o', messages }));
told.no_such_model = await error(() => client.models.retrieve('gpt-4o'));
console.log(JSON.stringify(told));
