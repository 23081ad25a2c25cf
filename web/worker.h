// A module for a Web Worker: site/worker.js creates it, hands it the page's messages and lets it
// work whenever none are waiting.
#pragma once

#include "web/lab/jobs.h"

namespace inoculate::page {

/// The jobs that this module does; each module defines its own. Called once.
Jobs& worker_jobs(const Send& to_page);

}  // namespace inoculate::page
