// How what is thrown finds its catch clause, in a module with threads.
//
// The compiler of Emscripten 3.1.6 lets a function that catches leave its number and its table in
// one place for all threads; the library with threads looks for them in a place of each thread,
// and nothing that is thrown would ever be caught. Here the functions of the library that know of
// the place use the compiler's. Two threads at once would disturb one another; but a task of
// parallel_for catches everything (`catch (...)`), for which nothing is looked up, and clauses of
// one type of exception are run by the worker's first thread alone: readers of files and messages.
#include <cstdint>

extern "C" {

struct _Unwind_Context {
  std::uintptr_t clauses;   // the number of the function's try block
  std::uintptr_t table;     // of its clauses
  std::uintptr_t selected;  // the clause that was found, or 0
};
_Unwind_Context __wasm_lpad_context;

struct _Unwind_Exception {
  std::uint64_t kind;
  void (*cleanup)(int reason, _Unwind_Exception* exception);
};

constexpr int kVersion = 1, kCleanupPhase = 2, kCaughtElsewhere = 1;

int __gxx_personality_wasm0(int version, int actions, std::uint64_t kind,
                            _Unwind_Exception* exception, _Unwind_Context* context);

int _Unwind_CallPersonality(void* thrown) {
  auto* exception = static_cast<_Unwind_Exception*>(thrown);
  __wasm_lpad_context.selected = 0;
  return __gxx_personality_wasm0(kVersion, kCleanupPhase, exception->kind, exception,
                                 &__wasm_lpad_context);
}

int _Unwind_RaiseException(_Unwind_Exception* exception) { __builtin_wasm_throw(0, exception); }

void _Unwind_DeleteException(_Unwind_Exception* exception) {
  if (exception->cleanup != nullptr) exception->cleanup(kCaughtElsewhere, exception);
}

// Register 1 is the selected clause; the others do not exist.
void _Unwind_SetGR(_Unwind_Context* context, int number, std::uintptr_t value) {
  if (number == 1) context->selected = value;
}
void _Unwind_SetIP(_Unwind_Context*, std::uintptr_t) {}

// The library takes 1 off what it believes to be an address, and counts from 1.
std::uintptr_t _Unwind_GetIP(_Unwind_Context* context) { return context->clauses + 2; }
std::uintptr_t _Unwind_GetLanguageSpecificData(_Unwind_Context* context) { return context->table; }
std::uintptr_t _Unwind_GetRegionStart(_Unwind_Context*) { return 0; }

}  // extern "C"
