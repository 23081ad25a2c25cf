#include "web/panels/control_widgets.h"
#include "web/panels/widgets.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

float text_button_width(const char* label) {
  return ImGui::CalcTextSize(label).x + 2 * ImGui::GetStyle().FramePadding.x;
}

void network_choice(App& app, Ui& ui, float width) {
  ImGui::SetNextItemWidth(width);
  const std::string shown = app.models().empty() ? texts::header::loading
                            : app.models().inoculated()
                                ? texts::header::inoculated(app.models().chosen_model().title)
                                : app.models().chosen_model().title;
  ImGui::BeginDisabled(app.experiments().running().has_value());
  if (ImGui::BeginCombo("##network", shown.c_str())) {
    for (std::size_t i = 0; i < app.models().list().size(); ++i) {
      const Model& model = app.models().list()[i];
      if (ImGui::Selectable(model.title.c_str(), i == app.models().chosen())) app.choose_model(i);
      ui.note(("network_" + std::to_string(i)).c_str());
      if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", model.note.c_str());
    }
    ImGui::EndCombo();
  }
  ImGui::EndDisabled();
}

// The rooms, of which this one, the first, is open.
void room_choice(App& app, Ui& ui) {
  const float gap = ui.em(3);
  for (std::size_t i = 0; i < app.rooms.size(); ++i) {
    const RoomName& room = app.rooms[i];
    if (i > 0) ImGui::SameLine(0, gap);
    if (button(room.title.c_str(), 0, true, i == 0) && i > 0) app.open_room(room.name);
    ui.note(("room_" + room.name).c_str());
  }
}

void weights_and_help(App& app, Ui& ui) {
  for (const char* name : {"save_weights", "load_weights", "link"}) {
    press_control(app, ui, name, 0);
    ImGui::SameLine();
  }
  if (button(texts::header::help, 0)) ui.overlays.help = !ui.overlays.help;
  ui.note("help");
}

// Where the top of a line in `font` is for it to stand on the same base as the words of a control.
float on_base_of_control(const Ui& ui, const ImFont* font) {
  const float higher = font->Ascent - ui.fonts.body->Ascent;
  return ImGui::GetStyle().FramePadding.y - higher * ImGui::GetIO().FontGlobalScale;
}

}  // namespace

void draw_header(App& app, Ui& ui) {
  const float left = ImGui::GetCursorPosX();
  const float top = ImGui::GetCursorPosY();
  ImGui::SetCursorPosY(top + on_base_of_control(ui, ui.fonts.brand));
  ImGui::PushFont(ui.fonts.brand);
  ImGui::TextUnformatted(texts::header::product);
  ImGui::PopFont();
  const float combo = ui.stacked ? ui.width : ui.em(210);
  if (!app.rooms.empty()) {
    ImGui::SameLine(0, ui.em(16));
    ImGui::SetCursorPosY(top);
    room_choice(app, ui);
  }
  if (ui.stacked) {
    network_choice(app, ui, combo);
    ui.note("network");
    weights_and_help(app, ui);
    return;
  }
  float right = combo + 4 * ImGui::GetStyle().ItemSpacing.x;
  for (const char* label :
       {texts::controls::save_weights.label, texts::controls::load_weights.label,
        texts::controls::link.label, texts::header::help}) {
    right += text_button_width(label);
  }
  ImGui::SameLine();
  ImGui::SetCursorPos({left + ui.width - right, top});
  network_choice(app, ui, combo);
  ui.note("network");
  ImGui::SameLine();
  weights_and_help(app, ui);
}

}  // namespace inoculate::page
