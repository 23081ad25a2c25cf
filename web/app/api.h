// window.inoculate: the page for scripts. site/page.js hands its calls to here; docs/page.md lists
// them.
#pragma once

#include <functional>
#include <string>

#include "web/app/app.h"

namespace inoculate::page {

/// What a call gives back: a value with maybe a body of bytes, or an error of one line.
struct ApiReply {
  Json value;
  Bytes body;
  std::string error;
};
using Settle = std::function<void(ApiReply)>;

/// Calls one function of the interface. Most settle at once, those of the laboratory when it is
/// done; nothing is thrown. `layout` is where the panels are, for state().
void handle_call(App& app, const Json& layout, const std::string& name, const Json& argument,
                 ByteView body, const Settle& settle);

/// Everything state() tells.
Json state_json(const App& app, const Json& layout);

}  // namespace inoculate::page
