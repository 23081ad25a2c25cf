#include "web/panels/theme.h"

#include "pictures/font.h"

namespace inoculate::page {
namespace {

// The characters drawn for each use: every one costs time before the first frame.
constexpr ImWchar kOurText[] = {0x20, 0x7E, 0xD7, 0xD7, 0x2013, 0x2013, 0};
constexpr ImWchar kAnyText[] = {0x20, 0x7E, 0xA0, 0xFF, 0x2013, 0x2013, 0};  // with names of files
constexpr ImWchar kDigitsOnly[] = {'0', '9', '?', '?', 0};
constexpr ImWchar kBrand[] = {'I', 'I', 'a', 'u', '?', '?', 0};

ImFont* add_font(const FontFile& file, float size, const ImWchar* characters) {
  ImFontConfig config;
  config.FontDataOwnedByAtlas = false;
  config.OversampleH = 2;
  config.OversampleV = 1;
  // ImGui takes no const, and does not write.
  return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<unsigned char*>(file.data),
                                                    static_cast<int>(file.size), size, &config,
                                                    characters);
}

}  // namespace

Fonts load_fonts(float scale, float pixel_ratio) {
  ImGuiIO& io = ImGui::GetIO();
  io.Fonts->Clear();
  const float unit = scale * pixel_ratio;
  Fonts fonts;
  fonts.body = add_font(kLatoRegular, 17 * unit, kAnyText);
  fonts.small = add_font(kLatoRegular, 15 * unit, kOurText);
  fonts.title = add_font(kLatoBold, 20 * unit, kOurText);
  fonts.brand = add_font(kLatoBold, 27 * unit, kBrand);
  fonts.digit = add_font(kLatoBold, 58 * unit, kDigitsOnly);
  io.FontGlobalScale = 1 / pixel_ratio;
  return fonts;
}

void apply_style(float scale, bool touch) {
  ImGuiStyle style;
  style.WindowPadding = {0, 8 * scale};  // of lists that open: the page sets its own
  style.WindowRounding = 0;
  style.WindowBorderSize = 0;
  style.PopupRounding = 8;
  style.PopupBorderSize = 1;
  style.FrameRounding = 7;
  style.FramePadding = touch ? ImVec2(11, 11) : ImVec2(10, 5);
  style.ItemSpacing = touch ? ImVec2(9, 11) : ImVec2(8, 8);
  style.ItemInnerSpacing = {7, 5};
  style.GrabMinSize = touch ? 26 : 16;
  style.GrabRounding = 6;
  style.ScrollbarSize = 11;
  style.ScrollbarRounding = 6;
  style.ScaleAllSizes(scale);

  const auto set = [&](ImGuiCol which, ImU32 color) {
    style.Colors[which] = ImGui::ColorConvertU32ToFloat4(color);
  };
  set(ImGuiCol_Text, colors::kText);
  set(ImGuiCol_TextDisabled, colors::kMuted);
  set(ImGuiCol_PopupBg, colors::kPanel);
  set(ImGuiCol_Border, colors::kPanelEdge);
  set(ImGuiCol_FrameBg, colors::kControl);
  set(ImGuiCol_FrameBgHovered, colors::kControlHovered);
  set(ImGuiCol_FrameBgActive, colors::kControlHovered);
  set(ImGuiCol_Button, colors::kControl);
  set(ImGuiCol_ButtonHovered, colors::kControlHovered);
  set(ImGuiCol_ButtonActive, colors::kAccentPressed);
  set(ImGuiCol_Header, colors::kControl);
  set(ImGuiCol_HeaderHovered, colors::kControlHovered);
  set(ImGuiCol_HeaderActive, colors::kAccentPressed);
  set(ImGuiCol_SliderGrab, colors::kAccent);
  set(ImGuiCol_SliderGrabActive, colors::kText);
  set(ImGuiCol_CheckMark, colors::kAccent);
  set(ImGuiCol_ScrollbarBg, colors::kBackground);
  set(ImGuiCol_ScrollbarGrab, colors::kControl);
  set(ImGuiCol_ScrollbarGrabHovered, colors::kControlHovered);
  set(ImGuiCol_ScrollbarGrabActive, colors::kAccent);
  set(ImGuiCol_NavHighlight, colors::kAccent);
  ImGui::GetStyle() = style;
}

}  // namespace inoculate::page
