import type { Messages } from '.'

export const ms: Messages = {
  layout: {
    product: 'Plumbline',
    skip: 'Langkau ke kandungan',
    main: 'Utama',
    overview: 'Ringkasan',
    rounds: 'Pusingan',
    people: 'Orang',
    sources: 'Sumber',
    settings: 'Tetapan',
    language: 'Bahasa',
    signOut: 'Log keluar',
    sampleData: 'Data contoh',
  },
  signIn: {
    title: 'Log masuk',
    working: 'Sedang log masuk…',
    help: 'Buka pautan sekali guna yang dipaparkan ketika pelayan dimulakan. Setiap pautan berfungsi sekali, selama 15 minit.',
    spent: 'Pautan ini telah digunakan atau tamat tempoh. Minta pautan baharu, atau mulakan semula pelayan.',
    noScript: 'Log masuk memerlukan JavaScript supaya rahsia dalam pautan anda tidak keluar dari halaman ini.',
  },
  failure: {
    title: 'Halaman ini tidak dapat dipaparkan',
    notFound: 'Tiada halaman di alamat ini.',
    internal: 'Ada masalah di pihak kami. Tiada apa yang anda isi hilang; kembali dan cuba lagi.',
    forbidden: 'Peranan anda tidak membenarkan halaman ini.',
    reference: (id) => `Rujukan untuk sokongan: ${id}`,
    back: 'Kembali ke ringkasan',
  },
}
