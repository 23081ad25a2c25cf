// Settings of attacks and experiments, as messages, links and scripts have them.
#include "fuzz/target.h"
#include "web/lab/picture_attack.h"
#include "web/lab/settings_json.h"
#include "web/photo/settings.h"

namespace inoculate::fuzz {
namespace {

template <typename Settings>
void demand_same_when_written(const page::Json& json, Settings (*read)(const page::Json&)) {
  accepts("", [&] {
    const page::Json written = to_json(read(json));
    demand(to_json(read(written)) == written, "settings change when they are written");
  });
}

void read(ByteView bytes) {
  page::Json json;
  if (!accepts("settings: ", [&] { json = page::json_of(text_of(bytes), "settings"); })) return;
  demand_same_when_written(json, page::attack_settings);
  demand_same_when_written(json, page::inoculation_settings);
  demand_same_when_written(json, page::evaluation_settings);
  demand_same_when_written(json, page::sweep_settings);
  demand_same_when_written(json, page::picture_attack);
  accepts("attack: ", [&] { page::photo_attack_settings(json, 10).photo_method(); });
}

const Target target("page_settings", read);

}  // namespace
}  // namespace inoculate::fuzz
