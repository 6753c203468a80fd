#pragma once
#include "../layout.h"

// Takes pages of the running slot over the console until `go`, and then returns.
void recover(void);
