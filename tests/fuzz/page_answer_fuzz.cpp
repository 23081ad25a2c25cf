// Answers of the workers to a page that waits for them: an inoculation and an attack are under way.
#include "fuzz/page_app.h"
#include "fuzz/page_message.h"
#include "web/app/api.h"

namespace inoculate::fuzz {
namespace {

/// What a browser's front end shows of what is thrown at it.
template <typename Receive>
void show_what_fails(const Receive& receive) {
  try {
    receive();
  } catch (const std::exception& error) {
    demand_refusal(page::in_words(error), "");
  }
}

void read(ByteView bytes) {
  page::QuietApp page;
  page.app.attack.method = "square";
  page.app.take_digit(0);
  page.app.update();
  page.app.inoculate();
  const page::Message message = message_in(bytes);
  show_what_fails([&] { page.app.experiments().receive(message); });
  show_what_fails([&] { page.app.receive_from_attacker(message); });
  page.app.update();
  page::json_text(page::state_json(page.app, page::Json::object()));
}

const Target target("page_answer", read);

}  // namespace
}  // namespace inoculate::fuzz
