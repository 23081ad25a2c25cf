#include <algorithm>
#include <cmath>

#include "web/app/sentences.h"
#include "web/panels/control_widgets.h"
#include "web/panels/widgets.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

// What is on the pad: the drawing as it was made, or the pixels of the picture taken with what was
// drawn over them.
void draw_content(const Pad& pad, Ui& ui, ImVec2 at, float side) {
  if (pad.taken()) return draw_greys(ui, at, side, pad.picture());
  const ImU32 ink = pad.is_example() ? colors::kMuted : IM_COL32_WHITE;
  draw_greys(ui, at, side, pad.canvas(), true, ink);
}

PadPoint on_pad(ImVec2 mouse, ImVec2 at, float side) {
  return {(mouse.x - at.x) / side, (mouse.y - at.y) / side};
}

void pad(App& app, Ui& ui, float side) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::InvisibleButton("pad", {side, side});
  ui.note("pad");
  if (ImGui::IsItemActivated()) {
    ui.drawing = app.pad.begin_stroke(on_pad(ImGui::GetIO().MousePos, at, side), app.pen.radius,
                                      app.pen.erase);
    if (!ui.drawing) app.tell_no_more_ink();
  } else if (ui.drawing && ImGui::IsItemActive()) {
    // Every place the pointer was at, not only where the frame found it: no corner is cut.
    for (const ImVec2& mouse : ui.trail) {
      if (!app.pad.extend_stroke(on_pad(mouse, at, side))) app.tell_no_more_ink();
    }
  } else {
    ui.drawing = false;
  }
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 corner{at.x + side, at.y + side};
  list.PushClipRect(at, corner, true);
  draw_content(app.pad, ui, at, side);
  if (ImGui::IsItemHovered() || ImGui::IsItemActive()) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    list.AddCircle(mouse, app.pen.radius * side, app.pen.erase ? colors::kSignal : colors::kAccent,
                   0, ui.em(1.5F));
  }
  if (ui.focus.name == "pad") {  // the keyboard's pen
    const bool down = app.pen.stroke == app.pad.revision();
    list.AddCircle({at.x + app.pen.at.x * side, at.y + app.pen.at.y * side}, app.pen.radius * side,
                   down ? colors::kAlarm : colors::kSignal, 0, ui.em(2.5F));
  }
  list.PopClipRect();
  list.AddRect(at, corner, colors::kPanelEdge, 0, 0, ui.em(1.5F));
  const char* hint = app.pad.empty()        ? texts::pad::draw_here
                     : app.pad.is_example() ? texts::pad::example
                                            : nullptr;
  if (hint != nullptr) {
    const float width = ImGui::CalcTextSize(hint).x;
    const float y = app.pad.empty() ? at.y + side / 2 - ui.em(8) : at.y + side - ui.em(28);
    list.AddText({at.x + (side - width) / 2, y}, colors::kOnPad, hint);
  }
}

// A slider on a wedge, from a thin line to a thick one.
void pen_width(App& app, Ui& ui, float width) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = ImGui::GetFrameHeight(), middle = at.y + height / 2;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float thin = ui.em(1), thick = height * 0.28F;
  const float left = at.x + ui.em(4) + thin, right = at.x + width - ui.em(2) - thick;
  list.AddQuadFilled({left, middle - thin}, {right, middle - thick}, {right, middle + thick},
                     {left, middle + thin}, colors::kFaint);
  list.AddCircleFilled({left, middle}, thin, colors::kFaint);
  list.AddCircleFilled({right, middle}, thick, colors::kFaint);
  ImGui::SetNextItemWidth(width);
  for (const ImGuiCol part : {ImGuiCol_FrameBg, ImGuiCol_FrameBgHovered, ImGuiCol_FrameBgActive}) {
    ImGui::PushStyleColor(part, 0);
  }
  ImGui::SliderFloat("##pen", &app.pen.radius, kThinnestPen, kThickestPen, "",
                     ImGuiSliderFlags_AlwaysClamp | ImGuiSliderFlags_NoRoundToFormat);
  ImGui::PopStyleColor(3);
  ui.note("pen");
}

void tools(App& app, Ui& ui) {
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  float each = (ui.width - 4 * gap) / 5.4F, pen = 1.4F * each;
  // Where the words would not fit, the pen's width has a row of its own.
  const bool in_one_row =
      each >= ImGui::CalcTextSize(texts::controls::open_picture.label).x + ui.em(10);
  if (!in_one_row) {
    each = (ui.width - 3 * gap) / 4;
    pen = ui.width;
  }
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {0, ImGui::GetStyle().FramePadding.y});
  if (button(app.pen.erase ? texts::pad::to_pen : texts::pad::to_eraser, each))
    app.pen.erase = !app.pen.erase;
  ui.note("eraser");
  ImGui::SameLine();
  press_control(app, ui, "undo", each);
  ImGui::SameLine();
  press_control(app, ui, "clear", each);
  ImGui::SameLine();
  press_control(app, ui, "open_picture", each);
  ImGui::PopStyleVar();
  if (in_one_row) ImGui::SameLine();
  pen_width(app, ui, pen);
}

// Which image of the file that is open; there is a row for it only while one is.
void images_of_file(App& app, Ui& ui) {
  const int last = app.digit_file()->size() - 1;
  const std::string now = app.image_on_pad() ? std::to_string(*app.image_on_pad()) : "\xE2\x80\x93";
  const std::string widest = texts::pad::image_of(std::to_string(last), last);
  const float gap = ImGui::GetStyle().ItemSpacing.x, arrow = ImGui::GetFrameHeight();
  const float text = ImGui::CalcTextSize(widest.c_str()).x;
  arrow_control(app, ui, "previous_image", ImGuiDir_Left);
  ImGui::SameLine();
  bare_range_control(app, ui, "image_number", ui.width - 2 * arrow - text - 3 * gap);
  ImGui::SameLine();
  const float left = ImGui::GetCursorPosX();
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(texts::pad::image_of(now, last).c_str());
  ImGui::SameLine();
  ImGui::SetCursorPosX(left + text + gap);
  arrow_control(app, ui, "next_image", ImGuiDir_Right);
}

void digits_to_take(App& app, Ui& ui) {
  const int rows = ui.stacked ? 2 : 1;
  const float gap = ui.em(4);
  const float any = ui.stacked ? 0 : ui.em(46);
  const int in_row = ui.stacked ? 6 : 10;
  const float each = ui.stacked ? (ui.width - 5 * gap) / 6 : (ui.width - any - 10 * gap) / 10;
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {0, ImGui::GetStyle().FramePadding.y});
  for (int digit = 0; digit < kDigits; ++digit) {
    if (digit % in_row != 0) ImGui::SameLine(0, gap);
    press_control(app, ui, ("digit_" + std::to_string(digit)).c_str(), each);
  }
  ImGui::SameLine(0, gap);
  press_control(app, ui, "any_digit", rows == 2 ? 2 * each + gap : any);
  ImGui::PopStyleVar();
}

void reading(App& app, Ui& ui) {
  // A line of text may follow.
  const float bars = ui.growing(ui.em(168), ui.em(230), ui.em(34));
  const float seen = bars * 0.52F;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (!app.reading()) {
    muted(ui, app.models().empty() ? texts::pad::loading : texts::pad::nothing_to_read);
    ImGui::Dummy({ui.width, std::max(1.0F, bars - ui.em(24))});
    return;
  }
  const Reading& now = *app.reading();
  draw_greys(ui, at, seen, app.pad.picture());
  list.AddRect(at, {at.x + seen, at.y + seen}, colors::kPanelEdge);
  ImGui::PushFont(ui.fonts.digit);
  const std::string digit = std::to_string(now.best());
  const float width = ImGui::CalcTextSize(digit.c_str()).x, height = ImGui::GetFontSize();
  list.AddText({at.x + (seen - width) / 2, at.y + seen + ui.em(4)},
               app.misread() ? colors::kAlarm : colors::kCalm, digit.c_str());
  ImGui::PopFont();
  ImGui::PushFont(ui.fonts.small);
  const std::string sure = percent_text(now.confidence());
  list.AddText(
      {at.x + (seen - ImGui::CalcTextSize(sure.c_str()).x) / 2, at.y + seen + ui.em(2) + height},
      colors::kMuted, sure.c_str());
  ImGui::PopFont();
  probability_bars(ui, now, app.attacked_label(), {at.x + seen + ui.em(12), at.y},
                   {ui.width - seen - ui.em(12), bars});
  ImGui::Dummy({ui.width, bars});
  ui.note("reading");
}

void what_is_read(App& app, Ui& ui) {
  muted(ui,
        app.reading() ? texts::state::reads(top_three(*app.reading())) : texts::pad::what_is_read);
  reading(app, ui);
  if (app.misread()) {
    colored(ui, colors::kAlarm, texts::pad::wrong(app.attacked_label()));
  }
}

void means_to_draw(App& app, Ui& ui) {
  tools(app, ui);
  if (shows(app, "image_number")) images_of_file(app, ui);
  digits_to_take(app, ui);
}

}  // namespace

void draw_pad_panel(App& app, Ui& ui) {
  heading(ui, texts::pad::heading);
  // What stands below must fit on the screen.
  const float row = shows(app, "image_number") ? ImGui::GetFrameHeightWithSpacing() : 0;
  const float side = ui.stacked ? std::min(ui.width, ui.em(420))
                                : std::min(ui.width, ImGui::GetIO().DisplaySize.y * 0.43F - row);
  const float indent = (ui.width - side) / 2;
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + indent);
  pad(app, ui, side);
  // On a phone the notice and the tour lie over the foot of the screen: not over what is read.
  if (ui.stacked) what_is_read(app, ui);
  means_to_draw(app, ui);
  if (!ui.stacked) what_is_read(app, ui);
  app.set_pen_down(ui.drawing || ui.drawing_line);
}

}  // namespace inoculate::page
