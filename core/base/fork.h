// What a process has to know of its threads once it has been forked.
#pragma once

namespace inoculate {

/// In the child of a fork(), which has only the thread that called it: forgets parallel_for's
/// others, so that nobody waits for them. From then on there is one thread, until set_thread_count.
void forget_threads();

}  // namespace inoculate
