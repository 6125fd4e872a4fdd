"""The days off of 2024 to 2027 as the decrees list them, typed from the sources named, not from the library."""

from datetime import date


def _dates(year: int, months: dict[int, list[int]]) -> frozenset[date]:
    return frozenset(date(year, month, day) for month, days in months.items() for day in days)


JOINT_DECREES: dict[str, tuple[frozenset[date], frozenset[date]]] = {
    # faktual.id, September 2023; its numbers: jpnn.com, 12 September 2023
    "SKB Menag 855/2023, Menaker 3/2023, MenPANRB 4/2023": (
        _dates(2024, {1: [1], 2: [8, 10], 3: [11, 29, 31], 4: [10, 11], 5: [1, 9, 23], 6: [1, 17], 7: [7], 8: [17],
                      9: [16], 12: [25]}),
        _dates(2024, {2: [9], 3: [12], 4: [8, 9, 12, 15], 5: [10, 24], 6: [18], 12: [26]}),
    ),
    # rasikapekalongan.com after the Cabinet Secretariat, October 2024
    "SKB Menag 1017/2024, Menaker 2/2024, MenPANRB 2/2024": (
        _dates(2025, {1: [1, 27, 29], 3: [29, 31], 4: [1, 18, 20], 5: [1, 12, 29], 6: [1, 6, 27], 8: [17], 9: [5],
                      12: [25]}),
        _dates(2025, {1: [28], 3: [28], 4: [2, 3, 4, 7], 5: [13, 30], 6: [9], 12: [26]}),
    ),
    # pembelajaranbermaknaid.blogspot.com, November 2025; numbers also at disdiksmg.semarangkota.go.id
    "SKB Menag 1497/2025, Menaker 2/2025, MenPANRB 5/2025": (
        _dates(2026, {1: [1, 16], 2: [17], 3: [19, 21, 22], 4: [3, 5], 5: [1, 14, 27, 31], 6: [1, 16], 8: [17, 25],
                      12: [25]}),
        _dates(2026, {2: [16], 3: [18, 20, 23, 24], 5: [15, 28], 12: [24]}),
    ),
    # Pinned as the library has it (it names setneg.go.id, 17 September 2026); the decree itself was not read.
    "SKB 3 Menteri tentang Hari Libur Nasional dan Cuti Bersama Tahun 2027": (
        _dates(2027, {1: [1, 5], 2: [6], 3: [8, 10, 11, 26, 28], 5: [1, 6, 17, 20], 6: [1, 6], 8: [15, 17],
                      12: [25, 26]}),
        _dates(2027, {2: [5], 3: [9, 12, 15, 25], 5: [18, 19], 12: [24]}),
    ),
}  # fmt: skip
"""Decree → national holidays, joint leave."""

SINGLE_DAYS: dict[str, tuple[date, str, date]] = {
    # nasional.kontan.co.id, 7 February 2024
    "Keppres 10/2024": (date(2024, 2, 14), "national_holiday", date(2024, 2, 6)),
    # dutakabar.com, 22 November 2024
    "Keppres 33/2024": (date(2024, 11, 27), "national_holiday", date(2024, 11, 21)),
    # jabar.jpnn.com, 8 August 2025
    "SKB Menag 933/2025, Menaker 1/2025, MenPANRB 3/2025": (date(2025, 8, 18), "joint_leave", date(2025, 8, 7)),
}
"""Decree → the day that it added, as what, and from when it was in force."""
