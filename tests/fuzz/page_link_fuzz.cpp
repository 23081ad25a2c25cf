// Links: what is refused changes nothing, what is taken makes a link to the same.
#include "fuzz/page_app.h"
#include "fuzz/target.h"
#include "web/app/link.h"

namespace inoculate::fuzz {
namespace {

void read(ByteView bytes) {
  page::QuietApp page;
  const std::string before = page::link_fragment(page.app);
  const bool taken = accepts("", [&] { page::open_link(page.app, text_of(bytes)); });
  const std::string after = page::link_fragment(page.app);
  if (!taken) demand(after == before, "a link that is refused changes something");
  page::open_link(page.app, after);
  demand(page::link_fragment(page.app) == after, "a link leads to something else");
}

const Target target("page_link", read);

}  // namespace
}  // namespace inoculate::fuzz
