#include "ofmu_kernels.h"
