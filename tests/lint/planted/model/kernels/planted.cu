// Planted mistake.
#include <torch/torch.h>  // X include: a .cu file
