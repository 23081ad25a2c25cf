// The page's module: the App in a browser. site/page.js creates it and is called by it.
#include <emscripten.h>
#include <emscripten/html5.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "web/app/api.h"
#include "web/app/examples.h"
#include "web/app/link.h"
#include "web/panels/panels.h"
#include "web/shell.h"
#include "web/texts/digits.h"

using namespace inoculate;
using namespace inoculate::page;

// The other half of Platform and of the calls: functions that page.js puts into Module.
EM_JS(void, js_to_laboratory, (const char* head, const std::uint8_t* body, int size),
      { Module.toLaboratory(UTF8ToString(head), HEAPU8.slice(body, body + size)); });
EM_JS(void, js_to_attacker, (const char* head, const std::uint8_t* body, int size),
      { Module.toAttacker(UTF8ToString(head), HEAPU8.slice(body, body + size)); });
EM_JS(void, js_restart_attacker, (), { Module.restartAttacker(); });
EM_JS(void, js_save_file, (const char* name, const std::uint8_t* content, int size),
      { Module.saveFile(UTF8ToString(name), HEAPU8.slice(content, content + size)); });
EM_JS(void, js_ask_for_weights, (), { Module.askForWeights(); });
EM_JS(void, js_ask_for_picture, (), { Module.askForPicture(); });
EM_JS(void, js_share_link, (const char* fragment), { Module.shareLink(UTF8ToString(fragment)); });
EM_JS(void, js_open_room, (const char* name), { Module.openRoom(UTF8ToString(name)); });
EM_JS(void, js_ask_networks, (), { Module.askNetworks(); });
EM_JS(void, js_announce, (const char* sentence), { Module.announce(UTF8ToString(sentence)); });
EM_JS(void, js_settle,
      (int call, const char* value, const std::uint8_t* body, int size, const char* error), {
        Module.settle(call, UTF8ToString(value), HEAPU8.slice(body, body + size),
                      UTF8ToString(error));
      });
EM_JS(void, js_first_prediction, (), { Module.firstPrediction(); });
EM_JS(void, js_no_canvas, (const char* why), { Module.noCanvas(UTF8ToString(why)); });
EM_JS(void, js_shown, (), { Module.shown(); });
// Emscripten enables WebGL's extensions once; a restored context has none.
EM_JS(void, js_enable_extensions, (), {
  GL.currentContext.initExtensionsDone = false;
  GL.initExtensions(GL.currentContext);
});
EM_JS(void, js_tour, (int running), { Module.tour(running != 0); });

namespace {

struct Page {
  App app;
  std::unique_ptr<Shell> shell{};  // none where there is no WebGL: then the mirror is the page
  bool frame_requested = false;
  bool context_lost = false;
  bool predicted = false;
  bool touring = false;
  double last_progress_frame = 0;  // ms
};
Page* the_page = nullptr;

ByteView view(const std::uint8_t* bytes, int size) {
  return {bytes, static_cast<std::size_t>(size)};
}

void request_frame();

EM_BOOL on_frame(double /*time*/, void* /*user*/) {
  the_page->frame_requested = false;
  if (the_page->shell == nullptr) {
    the_page->app.update();
  } else if (!the_page->context_lost && the_page->shell->frame()) {
    request_frame();
  }
  js_shown();
  if (!the_page->predicted && the_page->app.reading()) {
    the_page->predicted = true;
    js_first_prediction();
  }
  const bool touring = the_page->shell && the_page->shell->ui().overlays.tour_step >= 0;
  if (touring != the_page->touring) js_tour(touring ? 1 : 0);
  the_page->touring = touring;
  return EM_TRUE;
}

void request_frame() {
  if (the_page->frame_requested) return;
  the_page->frame_requested = true;
  emscripten_request_animation_frame(on_frame, nullptr);
}

void wake(int frames) {
  if (the_page->shell) the_page->shell->wake(frames);
  request_frame();
}

void changed() { wake(Shell::kSettlingFrames); }

// Training reports each of its steps, far more often than a frame is worth drawing.
void changed_by_laboratory() {
  constexpr double kMilliseconds = 50;
  const double now = emscripten_get_now();
  if (the_page->app.experiments().running() && now - the_page->last_progress_frame < kMilliseconds)
    return;
  the_page->last_progress_frame = now;
  wake(1);
}

Json layout_json() {
  Json layout = Json::object();
  if (!the_page->shell) return layout;
  for (const auto& [name, r] : the_page->shell->ui().layout) {
    layout[name] = {{"x", r.x}, {"y", r.y}, {"width", r.z}, {"height", r.w}};
  }
  return layout;
}

void show_error(const std::string& what) {
  the_page->app.notice = {what, true};
  js_announce(what.c_str());
}

Platform browser() {
  return {
      [](const Message& message) {
        const std::string head = json_text(message.head);
        js_to_laboratory(head.c_str(), message.body.data(), static_cast<int>(message.body.size()));
      },
      [](const Message& message) {
        const std::string head = json_text(message.head);
        js_to_attacker(head.c_str(), message.body.data(), static_cast<int>(message.body.size()));
      },
      [] { js_restart_attacker(); },
      [](const std::string& name, const Bytes& content) {
        js_save_file(name.c_str(), content.data(), static_cast<int>(content.size()));
      },
      [] { js_ask_for_weights(); },
      [] { js_ask_for_picture(); },
      [](const std::string& fragment) { js_share_link(fragment.c_str()); },
      [](const std::string& sentence) { js_announce(sentence.c_str()); },
      [](const std::string& name) { js_open_room(name.c_str()); },
      [] { js_ask_networks(); }};
}

}  // namespace

// All of these are called by page.js. Whatever they are given is untrusted: an error becomes a
// notice, or the reply of the call.
extern "C" {

/// Calls a function of window.inoculate; `argument` is JSON. Answers through js_settle.
EMSCRIPTEN_KEEPALIVE void page_call(int call, const char* name, const char* argument,
                                    const std::uint8_t* body, int size) {
  const Settle settle = [call](const ApiReply& reply) {
    const std::string value = json_text(reply.value);
    js_settle(call, value.c_str(), reply.body.data(), static_cast<int>(reply.body.size()),
              reply.error.c_str());
  };
  try {
    the_page->app.update();
    handle_call(the_page->app, layout_json(), name, json_of(argument, name), view(body, size),
                settle);
  } catch (const std::exception& error) {
    settle({{}, {}, in_words(error)});
  }
  const std::string_view asked(name);
  if (asked != "state" && asked != "mirror") changed();  // who only asks changes nothing
}

/// A message of the laboratory.
EMSCRIPTEN_KEEPALIVE void page_receive(const char* head, const std::uint8_t* body, int size) {
  try {
    the_page->app.experiments().receive(message_of(head, view(body, size)));
  } catch (const std::exception& error) {
    show_error(in_words(error));
  }
  changed_by_laboratory();
}

/// A message of the attacker.
EMSCRIPTEN_KEEPALIVE void page_receive_from_attacker(const char* head, const std::uint8_t* body,
                                                     int size) {
  try {
    the_page->app.receive_from_attacker(message_of(head, view(body, size)));
  } catch (const std::exception& error) {
    show_error(in_words(error));
  }
  changed();
}

/// A room that the header is to name.
EMSCRIPTEN_KEEPALIVE void page_add_room(const char* name, const char* title) {
  the_page->app.rooms.push_back({name, title});
}

/// Weights that come with the page. 0 when they are bad.
EMSCRIPTEN_KEEPALIVE int page_add_model(const char* name, const char* title, const char* note,
                                        const std::uint8_t* file, int size) {
  try {
    the_page->app.add_model(name, title, note, view(file, size));
    changed();
    return 1;
  } catch (const std::exception& error) {
    show_error(in_words(error));
    changed();
    return 0;
  }
}

/// The page's digits: two IDX files.
EMSCRIPTEN_KEEPALIVE void page_set_digits(const std::uint8_t* images, int images_size,
                                          const std::uint8_t* labels, int labels_size) {
  try {
    the_page->app.set_digits(make_dataset(view(images, images_size), texts::refusals::digits_images,
                                          view(labels, labels_size),
                                          texts::refusals::digits_labels));
  } catch (const std::exception& error) {
    show_error(in_words(error));
  }
  changed();
}

/// A weights file the visitor chose.
EMSCRIPTEN_KEEPALIVE void page_load_weights(const char* name, const std::uint8_t* file, int size) {
  the_page->app.load_weights(view(file, size), name);
  changed();
}

/// The fragment of the address, without '#'.
EMSCRIPTEN_KEEPALIVE void page_open_link(const char* fragment) {
  try {
    open_link(the_page->app, fragment);
  } catch (const std::exception& error) {
    show_error(in_words(error));
  }
  changed();
}

EMSCRIPTEN_KEEPALIVE void page_show_error(const char* what) {
  show_error(what);
  changed();
}

/// Whether the link of js_share_link was put on the clipboard.
EMSCRIPTEN_KEEPALIVE void page_link_shared(int copied) {
  the_page->app.link_shared(copied != 0);
  changed();
}

EMSCRIPTEN_KEEPALIVE void page_begin_tour() {
  if (the_page->shell) the_page->shell->ui().overlays.tour_step = 0;
  changed();
}

/// The control of the mirror that has the focus, to be outlined; and the panel it belongs to, for
/// where it is not to be seen. Empty names: none.
EMSCRIPTEN_KEEPALIVE void page_focus(const char* name, const char* panel) {
  if (the_page->shell) the_page->shell->ui().focus = {name, panel};
  changed();
}

/// How the visitor's system wants pages to look: see Appearance.
EMSCRIPTEN_KEEPALIVE void page_appearance(int light, int contrast, float text) {
  if (the_page->shell) the_page->shell->set_appearance({light != 0, contrast != 0, text});
  changed();
}

/// A second finger came down on the canvas; then, by how much the fingers move down together.
EMSCRIPTEN_KEEPALIVE void page_two_fingers() {
  if (the_page->shell) begin_two_fingers(the_page->app, the_page->shell->ui());
  changed();
}
EMSCRIPTEN_KEEPALIVE void page_scroll(float by) {
  if (the_page->shell) the_page->shell->ui().scroll_by -= by;
  changed();
}

EMSCRIPTEN_KEEPALIVE void page_context_lost() {
  if (!the_page->shell) return;
  the_page->context_lost = true;
  the_page->shell->context_lost();
}

EMSCRIPTEN_KEEPALIVE void page_context_restored() {
  if (!the_page->shell) return;
  the_page->context_lost = false;
  js_enable_extensions();
  the_page->shell->context_restored();
  changed();
}

}  // extern "C"

int main() {
  the_page = new Page{App(browser())};  // lives as long as the page
  try {
    the_page->shell = std::make_unique<Shell>(the_page->app, [] { request_frame(); });
  } catch (const Error& error) {
    js_no_canvas(error.what());
  }
  the_page->app.pad.show_example(example_drawing());
  // The first frame waits for the first network: until then the page's HTML says that it is
  // loading.
  emscripten_exit_with_live_runtime();
}
