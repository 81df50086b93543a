// Flags only: Sofia's headers are included by CSofiaSIP alone, because Swift cannot import them
// (they define fd_set again, and their functions take tag lists).
#pragma once
