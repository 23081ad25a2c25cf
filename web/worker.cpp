#include "web/worker.h"

#include <emscripten.h>

#include "base/parallel.h"

using namespace inoculate;
using namespace inoculate::page;

EM_JS(void, js_to_page, (const char* head, const std::uint8_t* body, int size),
      { Module.toPage(UTF8ToString(head), HEAPU8.slice(body, body + size)); });

namespace {

Jobs& jobs() {
  static Jobs& instance = worker_jobs([](const Message& message) {
    const std::string head = json_text(message.head);
    js_to_page(head.c_str(), message.body.data(), static_cast<int>(message.body.size()));
  });
  return instance;
}

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE void worker_receive(const char* head, const std::uint8_t* body, int size) {
  jobs().receive(message_of(head, {body, static_cast<std::size_t>(size)}));
}

/// How many threads work, this one's included: as many as the module has been given.
EMSCRIPTEN_KEEPALIVE void worker_use_threads(int threads) { set_thread_count(threads); }

/// Does a slice of work, and says whether there is more.
EMSCRIPTEN_KEEPALIVE int worker_work() {
  jobs().work();
  return jobs().busy() ? 1 : 0;
}

}  // extern "C"
