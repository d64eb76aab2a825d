/** How many times longer than on an ordinary machine things take here: what runs tests in an emulated machine says so. */
export const slowness = Number(process.env["BULKHEAD_TEST_SLOWNESS"] ?? "1");
