#include "web/shell.h"

#include <imgui_impl_opengl3.h>
#if __has_include(<imgui_impl_sdl2.h>)
#include <imgui_impl_sdl2.h>
#else
#include <imgui_impl_sdl.h>
#endif
#include <SDL_opengles2.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "web/panels/panels.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

constexpr const char* kShaders = "#version 100";
constexpr int kWidth = 1280, kHeight = 720;
// What the measures are made for; on larger pages everything grows.
constexpr float kBaseWidth = 1330, kBaseHeight = 775;
constexpr float kLeastWidth = 1080;  // with larger letters panels side by side need more
constexpr float kSmallestScale = 0.92F, kLargestScale = 2;

// In a browser this also takes SDL's ears off the page, whose keys are then the mirror's.
[[noreturn]] void fail(const char* what) {
  const std::string why = std::string(what) + ": " + SDL_GetError();
  SDL_Quit();
  throw Error(why);
}

// What the App calls a key, or 0 for one it does not know.
int key_of(const SDL_Keysym& key) {
  if ((key.mod & (KMOD_CTRL | KMOD_ALT | KMOD_GUI)) != 0) return 0;
  switch (key.sym) {
    case SDLK_LEFT:
      return kKeyLeft;
    case SDLK_RIGHT:
      return kKeyRight;
    case SDLK_BACKSPACE:
      return kKeyBackspace;
    case SDLK_ESCAPE:
      return kKeyEscape;
    default:
      return key.sym > 32 && key.sym < 127 ? key.sym : 0;
  }
}

}  // namespace

Shell::Shell(App& app, std::function<void()> on_event) : app_(app), on_event_(std::move(on_event)) {
#ifdef __EMSCRIPTEN__
  // The keys of the page's other elements are their own.
  SDL_SetHint(SDL_HINT_EMSCRIPTEN_KEYBOARD_ELEMENT, "#canvas");
#endif
  if (SDL_Init(SDL_INIT_VIDEO) != 0) fail(texts::refusals::no_window);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_ES);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 2);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 0);
#if defined(__EMSCRIPTEN__)
  const char* title = nullptr;  // the page has one, which SDL would replace
#else
  const char* title = texts::header::product;
#endif
  window_ = SDL_CreateWindow(title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, kWidth, kHeight,
                             SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
  if (window_ == nullptr) fail(texts::refusals::no_window);
  SDL_GLContext context = SDL_GL_CreateContext(window_);
  if (context == nullptr) fail(texts::refusals::no_opengl);
  SDL_AddEventWatch(
      [](void* self, SDL_Event* event) {
        // SDL's own mark, put at the queue's end whenever it is polled, is no event.
        if (event->type != SDL_POLLSENTINEL) static_cast<Shell*>(self)->on_event_();
        return 0;
      },
      this);
  ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr;
  ImGui_ImplSDL2_InitForOpenGL(window_, context);
  ImGui_ImplOpenGL3_Init(kShaders);
  ui_.texture_of = [this](int number, const Pixels& pixels) {
    return textures_.of(number, pixels);
  };
}

void Shell::context_lost() {
  ImGui_ImplOpenGL3_Shutdown();
  textures_.forget();
}

void Shell::context_restored() {
  ImGui_ImplOpenGL3_Init(kShaders);
  wake();
}

void Shell::handle(const SDL_Event& event) {
  wake();
  ImGui_ImplSDL2_ProcessEvent(&event);
  switch (event.type) {
    case SDL_QUIT:
      quit_ = true;
      break;
    case SDL_FINGERDOWN:
      touch_ = true;
      break;
    case SDL_MOUSEMOTION:
      ui_.trail.push_back({static_cast<float>(event.motion.x), static_cast<float>(event.motion.y)});
      break;
    case SDL_KEYDOWN:
      press_key(app_, ui_.overlays, key_of(event.key.keysym));
      break;
    default:
      break;
  }
}

void Shell::set_appearance(const Appearance& appearance) {
  appearance_ = appearance;
  appearance_.text = std::clamp(appearance.text, 1.0F, kLargestText);
  wake();
}

void Shell::fit_to_window() {
  int width = 0, height = 0, pixels = 0, unused = 0;
  SDL_GetWindowSize(window_, &width, &height);
  SDL_GL_GetDrawableSize(window_, &pixels, &unused);
  const float ratio = width > 0 ? static_cast<float>(pixels) / static_cast<float>(width) : 1;
  const float fit =
      std::min(static_cast<float>(width) / kBaseWidth, static_cast<float>(height) / kBaseHeight);
  const float text = appearance_.text;
  const float side_by_side = text * std::clamp(fit, kSmallestScale, kLargestScale);
  const bool narrow = is_narrow(static_cast<float>(width)) ||
                      static_cast<float>(width) < kLeastWidth * side_by_side;
  const float scale = narrow ? text : side_by_side;
  if (scale == scale_ && ratio == pixel_ratio_ && narrow == ui_.stacked &&
      appearance_ == shown_appearance_)
    return;
  shown_appearance_ = appearance_;
  scale_ = scale;
  pixel_ratio_ = ratio;
  ui_.stacked = narrow;
  ui_.scale = scale;
  apply_style(scale, narrow, appearance_);
  ui_.fonts = load_fonts(scale, ratio);
  // The next frame uploads the new letters. Taking its device objects alone away, ImGui 1.86
  // forgets that its buffers are new and empty.
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplOpenGL3_Init(kShaders);
}

bool Shell::frame() {
  ui_.trail.clear();
  SDL_Event event;
  while (SDL_PollEvent(&event) != 0) handle(event);
  fit_to_window();
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplSDL2_NewFrame();
  ImGui::NewFrame();
  app_.update();
  draw_page(app_, ui_);
  if (ui_.scroll_by != 0) wake();  // the panels are to go on moving
  ImGui::Render();
  const ImVec2 size = ImGui::GetIO().DisplaySize, ratio = ImGui::GetIO().DisplayFramebufferScale;
  glViewport(0, 0, static_cast<int>(size.x * ratio.x), static_cast<int>(size.y * ratio.y));
  const ImVec4 ground = ImGui::ColorConvertU32ToFloat4(colors::kPanel);  // see draw_page
  glClearColor(ground.x, ground.y, ground.z, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  SDL_GL_SwapWindow(window_);
  return --frames_wanted_ > 0;
}

}  // namespace inoculate::page
