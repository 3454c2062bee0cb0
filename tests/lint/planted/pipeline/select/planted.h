// Planted mistakes: each line marked X must be found.
#include <opencv2/core.hpp>              // X include: in a header
#include "pipeline/app/scan.h"           // X include: app
#include "storage/store/event_store.h"   // X include: not in the table
#include "model/m3diff/network_torch.h"  // X X include: not in the table, and shows torch
Result<int> Ignored(int x);              // X style
