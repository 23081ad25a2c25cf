// The JSON of messages, scripts and links.
#pragma once

#include <nlohmann/json.hpp>

namespace inoculate::page {

using Json = nlohmann::json;

}  // namespace inoculate::page
