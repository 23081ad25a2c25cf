// What scripts ask of the page's application, as a test asks it.
#pragma once

#include <optional>
#include <utility>

#include "catch.h"
#include "page_fixture.h"
#include "web/app/api.h"

namespace inoculate::page {

inline ApiReply call(PageFixture& page, const std::string& name, const Json& argument = nullptr,
                     const Bytes& body = {}) {
  std::optional<ApiReply> reply;
  handle_call(page.app, Json::object(), name, argument, body,
              [&](ApiReply r) { reply = std::move(r); });
  page.work();
  page.app.update();
  REQUIRE(reply);
  return *reply;
}

}  // namespace inoculate::page
