// What scripts call: a line with the function's name, one with its argument as JSON, and a body.
#include "fuzz/page_app.h"
#include "fuzz/page_message.h"
#include "web/app/api.h"

namespace inoculate::fuzz {
namespace {

void read(ByteView bytes) {
  page::QuietApp page;
  const std::string name(text_of(line_of(bytes)));
  page::Json argument;
  if (!accepts("", [&] { argument = page::json_of(text_of(line_of(bytes)), "argument"); })) return;
  int answers = 0;
  page::handle_call(page.app, page::Json::object(), name, argument, bytes,
                    [&](const page::ApiReply& reply) {
                      ++answers;
                      if (!reply.error.empty()) demand_refusal(reply.error, "");
                      page::json_text(reply.value);
                    });
  page.app.update();
  demand(answers <= 1, "a call is answered twice");
  page::json_text(page::state_json(page.app, page::Json::object()));
}

const Target target("page_call", read);

}  // namespace
}  // namespace inoculate::fuzz
