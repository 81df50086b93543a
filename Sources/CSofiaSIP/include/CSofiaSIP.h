#pragma once
int csip_placeholder(void);
